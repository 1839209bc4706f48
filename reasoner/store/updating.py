"""The process that runs one update, and ends with it: ``python -m reasoner.store.updating``.

It reads what to do as JSON from its input and writes one line of JSON. An update is written whole
or not at all, so it may be killed at any moment.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from reasoner.errors import InputError, MtusError
from reasoner.store.confinement import confine
from reasoner.store.embedded import StoreBusyError, writing
from reasoner.store.worker import address_space


def main() -> None:
    """Run the update that the input states."""
    task = json.load(sys.stdin)
    confine()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ends = int(task["seconds"]) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (ends, ends))
    print(json.dumps(_update(task)), flush=True)


def _update(task: dict[str, str]) -> dict[str, str]:
    folder = Path(task["folder"])
    try:
        with writing(folder, new=False) as store:
            if (space := address_space()) is not None:
                limit = space + int(task["memory"]) * 1_000_000
                resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            store.update(task["update"])
    except (SyntaxError, ValueError) as error:
        return {"kind": "malformed", "error": " ".join(str(error).split())[:300]}
    except MemoryError:
        return {"kind": "memory"}
    except InputError as error:
        return {"kind": "store", "error": str(error)}
    except StoreBusyError as error:
        return {"kind": "busy", "error": str(error)}
    except MtusError as error:
        return {"kind": "disk", "error": str(error)}
    return {"kind": "done"}


if __name__ == "__main__":
    main()
