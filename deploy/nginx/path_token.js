// The edges' path token, checked by njs as vitascope/kernel/path_tokens.py makes it:
//
//     /s/<kid>.<exp>.<session>.<sig>/<asset>/<version>/<file>
//     /s/<kid>.<exp>.<session>.<lines>.<sig>/<asset>/<version>/<file>
//
// sig is HMAC-SHA256, base64url, over
// "vitascope-path-1 LF edge LF <asset>/<version> LF <exp> LF <session> [ LF <lines> ]".
// With lines, pictures of more than so many lines are not opened: v1080.mp4 is not by 720.
// Whether the session has ended is known to the appliance alone: edge.conf asks it.
// tests/edge/test_nginx.py runs this file in node against the Python side.

import crypto from 'crypto';

const FORM = /^([a-z0-9_-]{1,32})\.([1-9]\d{0,11})\.(ses_[a-z0-9_]{1,40})(?:\.([1-9]\d{1,4}))?\.([A-Za-z0-9_-]{43})$/;
const PICTURES = /^v([1-9]\d*)/;

/** @param keys signing keys in base64, by id. */
function check(token, prefix, file, nowMs, keys) {
    const form = FORM.exec(token);
    if (!form || !Object.prototype.hasOwnProperty.call(keys, form[1])) {
        return false;
    }
    const key = Buffer.from(keys[form[1]], 'base64');
    const said = ['vitascope-path-1', 'edge', prefix, form[2], form[3]].concat(form[4] || []).join('\n');
    const right = crypto.createHmac('sha256', key).update(said).digest('base64url');
    return same(right, form[5]) && Number(form[2]) * 1000 > nowMs && covers(form[4], file);
}

function covers(lines, file) {
    const pictures = PICTURES.exec(file);
    return !lines || !pictures || Number(pictures[1]) <= Number(lines);
}

/** In a time that does not depend on where two signatures differ. Both have 43 characters. */
function same(one, other) {
    let difference = one.length ^ other.length;
    for (let at = 0; at < one.length; at++) {
        difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
    }
    return difference === 0;
}

/** For `js_set`: "1" when the request may be answered. `path_keys` comes from `js_preload_object`. */
function admitted(r) {
    const prefix = r.variables.asset + '/' + r.variables.version;
    return check(r.variables.path_token, prefix, r.variables.file, Date.now(), path_keys) ? '1' : '';
}

export default { check, admitted };
