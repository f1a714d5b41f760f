// The edges' path token, checked by njs as vitascope/kernel/path_tokens.py makes it:
//
//     /s/<kid>.<exp>.<sig>/<asset>/<version>/<file>
//
// sig is HMAC-SHA256, base64url, over "vitascope-path-1 LF edge LF <asset>/<version> LF <exp>".
// tests/edge/test_nginx.py runs this file in node against the Python side.

import crypto from 'crypto';

const FORM = /^([a-z0-9_-]{1,32})\.(\d{1,12})\.([A-Za-z0-9_-]{43})$/;

/** @param keys signing keys in base64, by id. */
function check(token, prefix, nowMs, keys) {
    const form = FORM.exec(token);
    if (!form || !Object.prototype.hasOwnProperty.call(keys, form[1])) {
        return false;
    }
    const key = Buffer.from(keys[form[1]], 'base64');
    const said = ['vitascope-path-1', 'edge', prefix, String(Number(form[2]))].join('\n');
    const right = crypto.createHmac('sha256', key).update(said).digest('base64url');
    return same(right, form[3]) && Number(form[2]) * 1000 > nowMs;
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
    return check(r.variables.path_token, prefix, Date.now(), path_keys) ? '1' : '';
}

export default { check, admitted };
