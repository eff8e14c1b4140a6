"""Arrays that all processes of a machine share, as files mapped into memory."""

from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Self

import numpy as np


class Mapped:
    """A dataclass of arrays. An array may be None."""

    def save(self, folder: Path, name: str) -> list[Path]:
        """Writes `<folder>/<name>.<field>.npy`, one file for each array."""
        files = []
        for field in fields(self):
            array = getattr(self, field.name)
            if array is not None:
                files.append(folder / f"{name}.{field.name}.npy")
                np.save(files[-1], array)
        return files

    def to_bytes(self) -> bytes:
        sink = BytesIO()
        np.savez(sink, **{field.name: getattr(self, field.name) for field in fields(self)})
        return sink.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """What `to_bytes` has written; no array is None."""
        return cls(**np.load(BytesIO(content)))

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """The arrays of all parts, one after the other."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @classmethod
    def load(cls, folder: Path, name: str) -> Self:
        """Maps the files of `save` into memory. They are read on demand."""
        arrays = {}
        for field in fields(cls):
            file = folder / f"{name}.{field.name}.npy"
            if file.exists():
                # An empty array cannot be mapped, and a small one need not be.
                mode = "r" if file.stat().st_size > 4096 else None
                arrays[field.name] = np.asarray(np.load(file, mmap_mode=mode))
        return cls(**arrays)
