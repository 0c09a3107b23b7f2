"""The command line: the only code of qdsl that prints, and that decides exit statuses."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from itertools import pairwise

from qdsl.errors import Diagnostic, QdslError

MISTAKE, BUG, TIME_IS_UP, INTERRUPTED = 2, 3, 124, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `qdsl` with these arguments (those of the process by default); returns the exit status."""
    # Not before here, so that `import qdsl.cli` costs nothing and Ctrl-C during the imports is caught.
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug, as_json = "--debug" in given, _wants_json(given)
    if not (debug or sys.warnoptions):
        warnings.simplefilter("ignore")  # what numpy thinks of an overflow is not for users
    try:
        return _run(given)
    except SystemExit as request:  # --help and --version
        return request.code if isinstance(request.code, int) else 0
    except QdslError as error:
        return _complain(error.diagnostics, as_json, MISTAKE)
    except KeyboardInterrupt as interrupt:
        from qdsl.cli import output
        from qdsl.cli.limit import TimeUp

        if isinstance(interrupt, TimeUp):
            return _complain([Diagnostic(str(interrupt))], as_json, TIME_IS_UP)
        output.print_line("qdsl: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`qdsl … | head`).  Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return MISTAKE
    except Exception as error:
        if debug:
            traceback.print_exc()
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        bug = Diagnostic(
            f"this is a bug in qdsl ({reason}); please report it with the file and the output of the same "
            "command with --debug"
        )
        return _complain([bug], as_json, BUG)


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether mistakes are to be printed as JSON; asked before it is known that the arguments make sense."""
    return bool({"--json", "--format=json"} & set(arguments)) or ("--format", "json") in pairwise(arguments)


def _run(arguments: Sequence[str]) -> int:
    # The matrices are small: a second thread gains nothing on an idle machine and loses a factor of ten
    # on a busy one (measured: gradient training 11 s against 186 s).  What the user sets, counts.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from qdsl.cli import output
    from qdsl.cli.arguments import read_arguments

    output.prepare_streams()
    namespace = read_arguments(arguments)
    from qdsl.cli.handlers import handler  # what brings sympy is not loaded before it is known to be needed

    return handler(namespace.command)(namespace)


def _complain(diagnostics: Sequence[Diagnostic], as_json: bool, status: int) -> int:
    """Mistakes as a JSON document on standard output, or with carets on standard error."""
    from qdsl.cli import output

    if as_json:
        from qdsl.report.document import diagnostics_document

        try:
            output.print_json(diagnostics_document(diagnostics))
        except (QdslError, OSError):
            output.print_diagnostics(diagnostics)
    else:
        output.print_diagnostics(diagnostics)
    return status
