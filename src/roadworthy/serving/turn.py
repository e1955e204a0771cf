"""One turn: everything that arrived in one pass of the event loop is scored in one call, logged in one write, answered.

No timer and no task: batching adds no waiting, since nothing waits but what had arrived already.
"""

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from time import time
from typing import Any

import msgspec
import numpy as np

from roadworthy.bundle.predictions import FeedbackRecord, PredictionRecord, frame
from roadworthy.kernel.errors import RoadworthyError, ServingError
from roadworthy.serving.answering import Model, Predictions
from roadworthy.serving.exchange import Answer, Feedback, Question, Refusal, Reply, Request, busy
from roadworthy.serving.handler import Handler, Outcome
from roadworthy.serving.log import LogWriter
from roadworthy.serving.metrics import Metrics

_logger = logging.getLogger("roadworthy.serving")
_encode = msgspec.json.Encoder().encode


class Logs:
    """Both logs of a server, or none where predictions are not logged.

    Args:
        keep_inputs: whether the input of each row goes into its record.
    """

    def __init__(self, predictions: LogWriter | None, feedback: LogWriter, *, keep_inputs: bool = False) -> None:
        self.predictions, self.feedback, self.keep_inputs = predictions, feedback, keep_inputs

    @property
    def every(self) -> list[LogWriter]:
        """The writers there are."""
        return [writer for writer in (self.predictions, self.feedback) if writer]


class Turn:
    """Answers the requests of one turn, in order.

    Args:
        logs: written before any reply is made.
        metrics: counted into.
        clock: Unix seconds, for the records.
    """

    def __init__(self, logs: Logs, metrics: Metrics, *, clock: Callable[[], float] = time) -> None:
        self.logs, self.metrics, self._clock = logs, metrics, clock
        self._boot, self._count = secrets.token_hex(6), 0

    def answer(self, handler: Handler, requests: Iterable[Request | Reply]) -> list[Reply]:
        """One reply for each request, in the same order; a `Reply` among them is passed through."""
        outcomes = [each if isinstance(each, Reply) else _accept(handler, each) for each in requests]
        questions = [(place, each) for place, each in enumerate(outcomes) if isinstance(each, Question)]
        returned = [(place, each) for place, each in enumerate(outcomes) if isinstance(each, Feedback)]
        replies: dict[int, Reply] = {place: each for place, each in enumerate(outcomes) if isinstance(each, Reply)}
        if questions:
            made = self._ask(handler.model, [question for _, question in questions])
            replies.update(zip((place for place, _ in questions), made, strict=True))
        if returned:
            reply = self._keep([feedback for _, feedback in returned])
            replies.update((place, reply(feedback)) for place, feedback in returned)
        ordered = [replies[place] for place in range(len(outcomes))]
        self._count_replies(ordered)
        return ordered

    def _ask(self, model: Model, questions: Sequence[Question]) -> list[Reply]:
        try:
            predictions = _predict(model, questions)
        except Exception as err:  # noqa: BLE001  whatever a model raises must not reach the neighbours' requests
            if len(questions) == 1:
                return [_failed(model, err)]
            return [reply for question in questions for reply in self._ask(model, [question])]
        answers = self._answers(predictions, questions)
        try:
            self._log(model, predictions, questions, answers)
        except ServingError as err:
            refusal = busy("log", err.what).reply()
            return [refusal] * len(questions)
        self._count_rows(model, answers)
        return [question.render(answer) for question, answer in zip(questions, answers, strict=True)]

    def _answers(self, predictions: Predictions, questions: Sequence[Question]) -> list[Answer]:
        probability, decision = predictions.probability.tolist(), predictions.decision.tolist()
        answers: list[Answer] = []
        at = 0
        for question in questions:
            end = at + question.rows
            ids = [f"{self._boot}{count:010x}" for count in range(self._count, self._count + question.rows)]
            self._count += question.rows
            answers.append(Answer(ids, probability[at:end], decision[at:end]))
            at = end
        return answers

    def _log(
        self, model: Model, predictions: Predictions, questions: Sequence[Question], answers: Sequence[Answer]
    ) -> None:
        if self.logs.predictions is None:
            return
        now, dense = self._clock(), predictions.dense.tolist()
        records: list[PredictionRecord] = []
        for question, answer in zip(questions, answers, strict=True):
            raws = _raws(question) if self.logs.keep_inputs else None
            for row, id_ in enumerate(answer.ids):
                at = len(records)
                records.append(
                    PredictionRecord(
                        id=id_,
                        at=now,
                        model=model.name,
                        version=model.version,
                        key=predictions.keys[at] or (question.keys[row] if question.keys else ""),
                        probability=answer.probability[row],
                        decision=answer.decision[row],
                        features=dense[at],
                        raw=raws[row] if raws else None,
                    )
                )
        self.logs.predictions.append(frame(records))

    def _keep(self, batch: Sequence[Feedback]) -> Callable[[Feedback], Reply]:
        now = self._clock()
        records = [
            FeedbackRecord(id=each.id, key=each.key, label=each.label, at=now, source=each.source)
            for feedback in batch
            for each in feedback.returned
        ]
        try:
            self.logs.feedback.append(frame(records))
        except ServingError as err:
            refusal = busy("log", err.what).reply()
            return lambda _: refusal
        self.metrics.feedback += len(records)
        return lambda feedback: Reply(200, _encode({"accepted": len(feedback.returned)}))

    def _count_rows(self, model: Model, answers: Sequence[Answer]) -> None:
        rows = sum(len(answer.ids) for answer in answers)
        positive = sum(sum(answer.decision) for answer in answers)
        self.metrics.rows += rows
        self.metrics.predictions[model.name, model.version, 1] += positive
        self.metrics.predictions[model.name, model.version, 0] += rows - positive

    def _count_replies(self, replies: Sequence[Reply]) -> None:
        self.metrics.turns += 1
        for reply in replies:
            self.metrics.requests[reply.status] += 1
            if reply.refused:
                self.metrics.refused[reply.refused] += 1


def _accept(handler: Handler, request: Request) -> Outcome:
    try:
        return handler.accept(request)
    except Refusal as refusal:
        return refusal.reply()


def _predict(model: Model, questions: Sequence[Question]) -> Predictions:
    predictions = _predict_rows(model, questions)
    if not np.isfinite(predictions.probability).all():
        raise ValueError("a probability is no number")
    return predictions


def _predict_rows(model: Model, questions: Sequence[Question]) -> Predictions:
    if model.kind == "mail":
        return model.predict_raw([raw for question in questions for raw in question.raws])
    if len(questions) == 1:
        return model.predict(questions[0].columns)
    columns: dict[str, list[Any]] = {name: [] for name in questions[0].columns}
    for question in questions:
        for name, values in question.columns.items():
            columns[name] += values
    return model.predict(columns)


def _failed(model: Model, err: Exception) -> Reply:
    if isinstance(err, RoadworthyError):
        return Refusal(400, "model", err.what).reply()
    _logger.error("model %s %s failed on a row", model.name, model.version, exc_info=err)
    return Refusal(500, "failure", "the model failed on this request; the reason is in the server's log").reply()


def _raws(question: Question) -> Sequence[bytes]:
    if question.raws:
        return question.raws
    if question.given:
        return [_encode(row) for row in question.given]
    names = list(question.columns)
    return [_encode(dict(zip(names, row, strict=True))) for row in zip(*question.columns.values(), strict=True)]
