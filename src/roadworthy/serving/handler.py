"""From a request to a reply or a question: pure, without sockets, clock or log."""

import hashlib
import hmac
from collections.abc import Callable
from typing import TypeAlias
from urllib.parse import quote

import msgspec
from msgspec import Struct

from roadworthy.serving import plain, v2
from roadworthy.serving.answering import Model
from roadworthy.serving.exchange import Feedback, Question, Refusal, Reply, Request

Outcome: TypeAlias = Reply | Question | Feedback
_Action: TypeAlias = Callable[[Request], Outcome]

_OPEN = ("/v2/health/live", "/v2/health/ready")
_PROTOCOL = {"name": "roadworthy", "version": "1", "extensions": ["binary_tensor_data"]}
_MAIL = b"message/rfc822"
_TEXT = b"text/plain; version=0.0.4; charset=utf-8"


class Health(Struct):
    """What the outside may know of the server; changed by the server alone.

    Attributes:
        ready: whether questions should be sent here. why: the reason where they should not.
        refused: why the newest release was refused while an older one is kept; empty if none was.
    """

    ready: bool = True
    why: str = ""
    refused: str = ""


class Handler:
    """Answers for one model; a new one is made when another model goes live.

    Args:
        model: loaded and warm.
        health: shared with the server.
        token: what a client must bring as `Authorization: Bearer`; None asks for nothing.
        max_rows: rows taken in one request.
        show_metrics: makes the metrics page.
    """

    def __init__(
        self,
        model: Model,
        *,
        health: Health,
        show_metrics: Callable[[], bytes],
        token: str | None = None,
        max_rows: int = 10_000,
    ) -> None:
        self.model, self.health = model, health
        self._max_rows, self._show_metrics = max_rows, show_metrics
        self._token = hashlib.sha256(token.encode()).digest() if token is not None else None
        self._routes = self._table()

    def accept(self, request: Request) -> Outcome:
        """A reply that needs no model, a question for it, or feedback to be kept.

        Raises:
            Refusal: whatever is wrong with the request, with status and reason.
        """
        if self._token is not None and request.path not in _OPEN:
            self._check_token(request)
        actions = self._routes.get(request.path)
        if actions is None:
            raise self._unknown(request.path)
        action = actions.get(request.method)
        if action is None:
            allowed = ", ".join(actions)
            raise Refusal(405, "method", f"{request.path} takes {allowed}", b"allow: %s\r\n" % allowed.encode())
        return action(request)

    def _table(self) -> dict[str, dict[str, _Action]]:
        model = f"/v2/models/{self.model.name}"
        table: dict[str, dict[str, _Action]] = {
            "/": {"GET": self._protocol, "POST": self._root},
            "/v2": {"GET": self._protocol},
            "/v2/health/live": {"GET": lambda _: _json({"live": True})},
            "/v2/health/ready": {"GET": self._ready},
            "/predict": {"POST": self._plain},
            "/feedback": {"POST": self._feedback},
            "/metrics": {"GET": lambda _: Reply(200, self._show_metrics(), content_type=_TEXT)},
        }
        for place in (model, f"{model}/versions/{self.model.version}"):
            table[place] = {"GET": lambda _: _json(v2.metadata(self.model))}
            table[f"{place}/ready"] = {"GET": self._model_ready}
            table[f"{place}/infer"] = {"POST": self._infer}
            table[f"{place}/mail"] = {"POST": self._mail}
        return table | {f"{path}/": actions for path, actions in table.items() if path != "/"}

    def _check_token(self, request: Request) -> None:
        # Hashed first, so that the comparison takes the same time whatever the length of what was sent.
        scheme, _, given = request.headers.get(b"authorization", b"").partition(b" ")
        offered = hashlib.sha256(given.strip()).digest()
        if not hmac.compare_digest(offered, self._token or b"") or scheme.lower() != b"bearer":
            raise Refusal(401, "token", "a bearer token is needed", b"www-authenticate: Bearer\r\n")

    def _unknown(self, path: str) -> Refusal:
        parts = path.strip("/").split("/")
        if parts[:2] == ["v2", "models"] and len(parts) > 2:
            if parts[2] != self.model.name:
                return Refusal(
                    404, "unknown_model", f"there is no model {parts[2][:200]!r}; live is {self.model.name!r}"
                )
            if parts[3:4] == ["versions"] and parts[4:5] != [self.model.version]:
                return Refusal(404, "unknown_version", f"that version is not live; live is {self.model.version}")
        return Refusal(404, "unknown_path", f"there is nothing at {quote(path[:200])}")

    def _protocol(self, _: Request) -> Reply:
        return _json(_PROTOCOL | {"models": [self.model.name]})

    def _ready(self, _: Request) -> Reply:
        shown = {"live": True, "ready": self.health.ready, "model": self.model.name, "version": self.model.version}
        if self.health.why:
            shown["reason"] = self.health.why
        if self.health.refused:
            shown["refused_release"] = self.health.refused
        return _json(shown, 200 if self.health.ready else 503)

    def _model_ready(self, _: Request) -> Reply:
        shown = {"name": self.model.name, "ready": self.health.ready, "version": self.model.version}
        return _json(shown, 200 if self.health.ready else 503)

    def _infer(self, request: Request) -> Question:
        return v2.infer(request, self.model, max_rows=self._max_rows)

    def _mail(self, request: Request) -> Question:
        return plain.ask_mail(request, self.model)

    def _plain(self, request: Request) -> Question:
        if request.headers.get(b"content-type", b"").lower().startswith(_MAIL):
            return plain.ask_mail(request, self.model)
        return plain.ask_json(request, self.model, max_rows=self._max_rows)

    def _root(self, request: Request) -> Question:
        if not request.headers.get(b"content-type", b"").lower().startswith(_MAIL):
            raise Refusal(415, "content_type", "POST / takes one mail as message/rfc822; JSON goes to /predict")
        return plain.ask_mail(request, self.model)

    def _feedback(self, request: Request) -> Feedback:
        return plain.take_feedback(request, self.model, max_rows=self._max_rows)


def _json(value: object, status: int = 200) -> Reply:
    return Reply(status, msgspec.json.encode(value))
