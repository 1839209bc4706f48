"""The command ``mtus``: runs the command line, and turns errors into one clear message."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line; exit 0 when done, 1 with findings, 2 on bad input or usage."""
    from reasoner.cli import app
    from reasoner.errors import InputError, MtusError

    try:
        app()
    except InputError as error:
        for problem in error.problems:
            print(f"mtus: {problem}", file=sys.stderr)
        sys.exit(2)
    except MtusError as error:
        print(f"mtus: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("mtus: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        # The reader went away, as `head` does; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    finally:
        # Else the interpreter looks through all that is loaded for cycles once more before it
        # ends: more than a second after the whole library was looked at.
        gc.freeze()


if __name__ == "__main__":
    main()
