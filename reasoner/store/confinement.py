"""A process that opens no connection any more, whatever it is made to run.

By a filter of system calls (seccomp) of Linux, on x86-64 and ARM64; elsewhere nothing is done, and
the check of the text stands alone. Source: Linux, seccomp(2) and seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_OTHER_ABI = 0x40000000
# Of each machine: its number, and those of socket, connect and io_uring_setup.
_MACHINES = {
    "x86_64": (0xC000003E, (41, 42, 425)),
    "aarch64": (0xC00000B7, (198, 203, 425)),
}


def confine() -> bool:
    """Let this thread, and those that it starts, open no connection; tell whether that is so."""
    if platform.system() != "Linux" or platform.machine() not in _MACHINES:
        return False
    machine, calls = _MACHINES[platform.machine()]
    refuse = len(calls) + 1  # steps from the first comparison of a call to the refusal
    steps = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 0, refuse + 2, machine),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, refuse, 0, _OTHER_ABI),
        *((_EQUAL, refuse - 1 - n, 0, call) for n, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERRNO | errno.EACCES),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    program = Program(len(steps), ctypes.addressof(buffer))
    call = ctypes.CDLL(None, use_errno=True).prctl
    return bool(
        call(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
        and call(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0
    )
