"""The one error that the job shows to people. Anything else that is raised is a defect."""


class Problem(Exception):
    """What was being done, why it failed, and what to do next."""

    def __init__(self, doing: str, why: str, next: str) -> None:
        super().__init__(f"{doing}: {why}\n  Next: {next}")
        self.doing, self.why, self.next = doing, why, next
