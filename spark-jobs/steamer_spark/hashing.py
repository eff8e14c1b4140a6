"""The hashes of DIMSUM: core/text/hash.ts, for arrays. And the order of core/text/hash-order.ts.

contracts/golden/hashes.json has examples. Arithmetic is in uint32, which wraps as needed.
"""

from hashlib import sha256

import numpy as np
import pyarrow as pa


def murmur3(ids: pa.StringArray) -> np.ndarray:
    """MurmurHash3_x86_32 (Austin Appleby, public domain), seed 0, of each id's UTF-8 bytes: uint32.
    """
    ids = pa.array(ids, pa.large_string())
    _, offsets, data = ids.buffers()
    start = np.frombuffer(offsets, np.int64)[ids.offset : ids.offset + len(ids) + 1]
    length = np.diff(start)
    start = start[:-1]
    # Seven zeros as padding: the last block of the last id is read whole.
    text = np.append(np.frombuffer(data or b"", np.uint8), np.zeros(7, np.uint8))
    hashed = np.zeros(len(ids), np.uint32)
    for block in range(int(length.max(initial=0)) // 4):
        has = np.flatnonzero(length >= 4 * block + 4)
        h = hashed[has] ^ scramble(four_bytes(text, start[has] + 4 * block))
        hashed[has] = rotated(h, 13) * np.uint32(5) + np.uint32(0xE6546B64)
    tail = (length % 4).astype(np.uint32)
    rest = four_bytes(text, start + length - tail) & ((np.uint32(1) << (8 * tail)) - np.uint32(1))
    return final_mix(hashed ^ scramble(rest) ^ length.astype(np.uint32))


def entry_hash(seed: int, user: np.ndarray, item: np.ndarray) -> np.ndarray:
    """A number in 0 .. 2^32-1 that depends on (seed, user, item) only.

    `user` and `item` are murmur3 of the ids.
    """
    return final_mix(final_mix(np.uint32(seed) ^ user) ^ item)


def hash_places(ids: pa.StringArray) -> np.ndarray:
    """Each id's place in the order of the SHA-256 of its UTF-8 bytes: int64."""
    hashes = np.array([sha256(id.encode()).hexdigest() for id in ids.to_pylist()], "U64")
    places = np.empty(len(hashes), np.int64)
    places[np.argsort(hashes)] = np.arange(len(hashes))
    return places


def four_bytes(text: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The little-endian integer at each offset."""
    block = np.zeros(len(at), np.uint32)
    for k in range(4):
        block |= text[at + k].astype(np.uint32) << np.uint32(8 * k)
    return block


def scramble(block: np.ndarray) -> np.ndarray:
    return rotated(block * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)


def rotated(h: np.ndarray, bits: int) -> np.ndarray:
    return (h << np.uint32(bits)) | (h >> np.uint32(32 - bits))


def final_mix(h: np.ndarray) -> np.ndarray:
    """MurmurHash3's finaliser: every input bit affects every output bit."""
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))
