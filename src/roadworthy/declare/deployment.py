"""`[deploy]`: where the model answers."""

from msgspec import Struct


class Online(Struct, frozen=True, kw_only=True):
    """The server. `keep_inputs` keeps the raw input of each prediction, for review and retraining."""

    host: str = "127.0.0.1"
    port: int = 8080
    log_predictions: bool = True
    keep_inputs: bool = False
    max_body: int = 60_000_000


class Deploy(Struct, frozen=True, kw_only=True):
    """All deployment targets."""

    online: Online = Online()
