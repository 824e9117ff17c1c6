"""What the fork server does once for all learner processes."""

import sys

from grader.sandbox import runner, side_effects, wire


def test_warm_up(monkeypatch):
    """It gives each kind of answer in each round, and leaves the global state as it is."""
    answer = runner.Runner.answer
    replies = []

    def keep(self, request):
        replies.append(answer(self, request))
        return replies[-1]

    monkeypatch.setattr(runner.Runner, "answer", keep)
    monkeypatch.setattr(sys, "breakpointhook", sys.breakpointhook)
    before = side_effects.GlobalState.now()

    runner.warm_up(rounds=2)

    one_round = [wire.Returned, wire.Returned, wire.Raised, wire.Returned, wire.Returned]
    assert list(map(type, replies)) == 2 * one_round
    assert side_effects.GlobalState.now().settings == before.settings
