"""The process that meets hostile files of patients: reads one from standard input, limited in memory and time.

`file_child_io` starts it as `python -m huizhen.api.file_child ACT`. Its answer begins with one line of JSON: a status,
and for a refusal why. Limits are set before anything is imported, and the kernel enforces them: RLIMIT_DATA counts
every private writable page, RLIMIT_CPU processor time.
"""

import json
import os
import resource
import sys

MEMORY_MAX_BYTES = 384 << 20  # interpreter and pydicom take 100 MiB; the largest file's values are held once
CPU_S = 10


def limit_process() -> None:
    """Bound memory and time; allow neither core dumps (they hold patient data) nor written files."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE):
        resource.setrlimit(limit, (0, 0))


def main(act: str) -> int:
    """Answer one question about one file."""
    limit_process()
    answers = os.fdopen(os.dup(1), "wb")
    sys.stdout.close()
    head, payload = answer(act)
    answers.write(json.dumps(head).encode() + b"\n" + payload)
    answers.close()
    return 0


def answer(act: str) -> tuple[dict[str, object], bytes]:
    """Give status and payload; here every error of the reader becomes a refusal."""
    import logging
    import warnings

    from huizhen.api.file_reader import FileRefused, describe
    from huizhen.api.file_report import document, report

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)  # pydicom logs values, and values are patient data
    stream, size = sys.stdin.buffer, os.fstat(0).st_size
    try:
        if act == "document":
            return {"status": 200}, document(stream, size)
        found = describe(stream, size) if act == "describe" else report(stream, size)
        return {"status": 200}, found.model_dump_json().encode()
    except FileRefused as error:
        return {"status": error.status, "detail": error.detail}, b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
