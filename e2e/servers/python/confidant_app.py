"""The WSGI application of Confidant, complete: what its release lacks is found in `missing`."""

from pathlib import Path

import confidant.services

confidant.services.__path__.append(str(Path(__file__).parent / "missing"))

from confidant.wsgi import app  # noqa: E402, F401
