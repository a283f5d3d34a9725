"""``python -m config.probe [healthz|readyz]``: asks this machine's web server how it is; exit 0 when well.

For container health checks and for ``make run``. Light on purpose: no Django, no settings.
"""

import http.client
import json
import os
import sys


def host_header() -> str:
    """A host name the server accepts: the first of ``ALLOWED_HOSTS``."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    return "localhost" if first in {"", "*"} else first.removeprefix(".")


def ask(port: int, path: str = "readyz", *, seconds: float = 5) -> tuple[int, dict[str, str]]:
    """Status and parts that the server answers; status 0 when it does not answer at all."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", f"/{path}", headers={"Host": host_header()})
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()
    try:
        parts = json.loads(text)
    except ValueError:
        return answer.status, {}
    return answer.status, parts if isinstance(parts, dict) else {}


if __name__ == "__main__":
    status, said = ask(int(os.environ.get("PRM_PORT", "8000")), *sys.argv[1:2])
    sys.stdout.write(json.dumps({"status": status, **said}) + "\n")
    sys.exit(0 if status == 200 else 1)
