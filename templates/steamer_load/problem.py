"""What a person needs to know when something fails; the twin of contracts/problem.ts."""


class Problem(Exception):
    """An error for people: what was being done, why it failed, and what to do next."""

    def __init__(self, doing: str, why: str, next: str) -> None:
        # The three are the arguments, so that a Problem survives being pickled by a worker.
        super().__init__(doing, why, next)

    def __str__(self) -> str:
        doing, why, next = self.args
        return f"{doing}: {why}\n  Next: {next}"
