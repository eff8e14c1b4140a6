"""An error that the job shows to people. Any other error is a defect."""


class Problem(Exception):
    """The action, the reason for its failure, and the next step for the reader."""

    def __init__(self, doing: str, why: str, next: str) -> None:
        super().__init__(f"{doing}: {why}\n  Next: {next}")
        self.doing, self.why, self.next = doing, why, next
