"""An error for people, as contracts/problem.ts has it."""


class Problem(Exception):
    """An error for people: the action, the reason for its failure, and the next step."""

    def __init__(self, doing: str, why: str, next: str) -> None:
        # `args` must hold all three, so that a worker can pickle a Problem.
        super().__init__(doing, why, next)

    def __str__(self) -> str:
        doing, why, next = self.args
        return f"{doing}: {why}\n  Next: {next}"
