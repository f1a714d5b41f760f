"""What was found in masters, and what is decided about them: by a partner about its own, by an
operator about those of all partners."""

from collections.abc import Sequence

import msgspec

from vitascope.client.http import Http
from vitascope.identity import AccountPage
from vitascope.kernel.errors import NotFound
from vitascope.kernel.viewer import Role
from vitascope.publishing import AppliedRules, Job, JobPage, JobReport, MasterRules, Reviewers


class Reviewing:
    def __init__(self, http: Http) -> None:
        self._http = http

    @property
    def _desk(self) -> str:
        """Returns where jobs are looked at: an operator sees those of all partners."""
        return "/api/console" if self._http.role is Role.OPERATOR else "/api/studio"

    async def jobs_in(self, filter: str, *, page_token: str | None = None) -> JobPage:
        """Returns jobs, newest first, in pages: of the partner, or of all for an operator."""
        params = {"filter": filter, "limit": "50"}
        if page_token:
            params["page_token"] = page_token
        return await self._http.send("GET", f"{self._desk}/jobs", JobPage, params=params)

    async def report(self, job_id: str) -> JobReport:
        """Returns what was found in a master, and measured."""
        return await self._http.send("GET", f"{self._desk}/jobs/{job_id}/report", JobReport)

    async def review(self, job_id: str, *, approve: bool, reason: str) -> Job:
        """Decide about a master that needs review: its job goes on, or it is refused."""
        body = {"approve": approve, "reason": reason}
        path = f"{self._desk}/jobs/{job_id}/review"
        return await self._http.send("POST", path, Job, json=body)

    async def rules(self, partner: str | None = None) -> AppliedRules:
        """Returns what findings weigh in the own catalogue, or, for an operator, in that of the
        partner with this email."""
        path = "/api/studio/rules" if partner is None else await self._rules_of(partner)
        return await self._http.send("GET", path, AppliedRules)

    async def set_rules(
        self, partner: str, rules: Sequence[str], reviewers: Reviewers | None
    ) -> AppliedRules:
        """Set the own rules of a partner's catalogue, for operators."""
        own = MasterRules(rules=tuple(rules), reviewers=reviewers)
        path, body = await self._rules_of(partner), msgspec.to_builtins(own)
        return await self._http.send("PUT", path, AppliedRules, json=body)

    async def _rules_of(self, partner: str) -> str:
        return f"/api/console/catalogues/{await self._account_of(partner)}/rules"

    async def _account_of(self, email: str) -> str:
        """Raises `NotFound`."""
        asked = {"text": email}
        found = await self._http.send("GET", "/api/console/accounts", AccountPage, params=asked)
        for account in found.accounts:
            if account.email == email.strip().lower():
                return account.id
        raise NotFound(f"There is no account {email!r}.")
