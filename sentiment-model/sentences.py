"""The labelled sentences that the head is trained and measured on.

"Sentiment Labelled Sentences" of the UCI Machine Learning Repository (CC BY 4.0): Kotzias et al., "From
Group to Individual Labels using Deep Features", KDD 2015.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FILES = {
    "products": "amazon_cells_labelled.txt",
    "restaurants": "yelp_labelled.txt",
    "films": "imdb_labelled.txt",
}
# The files were decoded wrongly before they were published. These are all characters that it befell.
REPAIRS = {b"\xe5\xd0": "–", b"\xe5\xd1": "—", b"\xcc\xa9": "é", b"\xcc\xb4": "å", b"\xcc\xbb": "ê"}


@dataclass(frozen=True)
class Sentence:
    domain: str
    text: str
    positive: bool


def read_sentences(folder: Path) -> list[Sentence]:
    """All sentences of the three files. Raises OSError or ValueError when they are not there as expected."""
    return [sentence for domain, name in FILES.items() for sentence in read_file(folder / name, domain)]


def read_file(path: Path, domain: str) -> list[Sentence]:
    content = path.read_bytes()
    for wrong, right in REPAIRS.items():
        content = content.replace(wrong, right.encode())
    # Line ends are CR, LF and CRLF, mixed. Python's splitlines() would split at others, too.
    lines = [line for line in re.split("\r\n|\r|\n", content.decode()) if line]
    return [parse(line, domain, f"{path}: line {number + 1}") for number, line in enumerate(lines)]


def parse(line: str, domain: str, place: str) -> Sentence:
    text, tab, label = line.rpartition("\t")
    if not tab or label not in ("0", "1"):
        raise ValueError(f"{place} has no label 0 or 1 after a tab")
    text = text.strip()
    # A sentence with a comma or a quote is quoted as in CSV.
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1].replace('""', '"')
    return Sentence(domain, text, label == "1")


def same_text(sentence: Sentence) -> str:
    """Equal for sentences that differ in case, spaces or punctuation alone: they go into one fold."""
    return " ".join(re.findall(r"\w+", sentence.text.lower()))
