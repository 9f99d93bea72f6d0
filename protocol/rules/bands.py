"""Rules of bands: each is the right way round, and no value is in two of them."""

from __future__ import annotations

from protocol.errors import shown
from protocol.kinds import Reading
from protocol.nodes import Node, Scalar, number_of


def check_bands(bands: Node, reading: Reading) -> None:
    """Reports bands whose low is above their high, and bands that share a value. Their order in the file is free."""
    ends: list[tuple[float, float, Scalar]] = []
    for key, pair in bands.named():
        low, high = (number_of(end) for end in pair.children())
        if low is None or high is None:
            continue
        if low > high:
            reading.remark(key.line, f"band {shown(key.text)} ends at {high:g}, below its low {low:g}")
        else:
            ends.append((low, high, key))
    ends.sort(key=lambda end: end[:2])
    for (low, high, key), (next_low, next_high, next_key) in zip(ends, ends[1:], strict=False):
        if next_low <= high:
            reading.remark(
                next_key.line,
                f"band {shown(next_key.text)} [{next_low:g}, {next_high:g}] overlaps band {shown(key.text)} "
                f"[{low:g}, {high:g}]; expected every value in one band at most",
            )
