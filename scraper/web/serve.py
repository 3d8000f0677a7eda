"""Server of `statewire web`: uvicorn over the application."""

from typing import Any

import uvicorn


def serve(application: Any, host: str, port: int) -> None:
    """Serve until a signal ends the process. Raise `OSError` if the port cannot be used."""
    uvicorn.run(application, host=host, port=port, log_level="warning", lifespan="on", workers=1)
