"""Copies of a store to read from while others write to it.

A copy shares its files with the store (hard links), so it is made in an instant and takes no room
until the store has moved on. It stands in ``STORE/served/``, and is locked for as long as the
process that made it lives; what a process left that was killed is removed by the next.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from pathlib import Path

from reasoner.errors import MtusError
from reasoner.store.embedded import require_form, state_of, writing


class Snapshots:
    """Makes copies of a store.

    Args:
        store: its folder.

    Raises:
        InputError: if it is no store.
        MtusError: if it cannot be written to.
    """

    def __init__(self, store: Path) -> None:
        require_form(store)
        self._store = store
        self._state: tuple[int, ...] = ()
        self._folder = store / "served" / secrets.token_hex(8)
        self._count = 0
        try:
            self._folder.parent.mkdir(exist_ok=True)
            self._sweep()
            self._folder.mkdir()
            self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise MtusError(f"{store} cannot be written: {error.strerror}") from error
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _sweep(self) -> None:
        for folder in self._folder.parent.iterdir():
            try:
                descriptor = os.open(folder / "lock", os.O_RDWR)
            except OSError:
                continue  # one that is being made, or removed
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            else:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)

    def is_behind(self) -> bool:
        """Tell whether the store was written to since the last copy."""
        try:
            return state_of(self._store) != self._state
        except OSError:
            return False  # it is being put there by a restore

    def take(self, *, wait: float) -> Path:
        """Make a copy, and give the folder of its database.

        Args:
            wait: seconds to wait for another process.

        Raises:
            MtusError: if another process has the store, or it cannot be written.
        """
        self._count += 1
        copy = self._folder / str(self._count)
        try:
            with writing(self._store, new=False, wait=wait) as store:
                store.backup(copy)
                state = state_of(self._store)
        except OSError as error:
            shutil.rmtree(copy, ignore_errors=True)
            raise MtusError(f"{self._store} cannot be written: {error}") from error
        self._state = state
        return copy

    def drop(self, copy: Path) -> None:
        """Remove a copy that nobody reads any more."""
        shutil.rmtree(copy, ignore_errors=True)

    def close(self) -> None:
        """Remove every copy."""
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)
