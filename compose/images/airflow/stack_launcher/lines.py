"""The output of many processes as one stream of whole lines, each naming its component."""

from __future__ import annotations

# A line without an end may not eat all memory.
LONGEST = 65_536


class LineSplitter:
    """Takes a component's output as it comes, and gives it back as lines with the component's name."""

    def __init__(self, name: str, width: int) -> None:
        self._prefix = f"{name:<{width}} | ".encode()
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        lines = (self._rest + chunk).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST:
            lines.append(self._rest)
            self._rest = b""
        return [self._prefix + line + b"\n" for line in lines]

    def flush(self) -> list[bytes]:
        """What is left when the process has ended."""
        return self.feed(b"\n") if self._rest else []
