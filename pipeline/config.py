"""What a run is made of: everything that can change its result, and nothing else."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..artifacts import Task
from ..errors import InputError, SettingsError
from ..list_lengths import MOST_STORED, STORED
from ..model.base import Model, ModelConfig
from ..model.data import Knowledge
from ..model.needs import Need
from ..model.splits.base import Protocol
from ..model.splits.lookup import bound, protocol_named
from ..plugins import manager
from ..validation import first_problem

_BASELINES: dict[Task, tuple[str, ...]] = {
    "ranking": ("most-popular", "ease"),
    "rating": ("bias",),
}


class RunConfig(BaseModel):
    """Configuration of a run; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field("attention-lstm", description="name of the model")
    task: Task | None = Field(
        None, description="ranking or rating; default: the first that the model is for"
    )
    options: dict[str, Any] = Field({}, description="the model's own configuration")
    knowledge: Knowledge = Field(
        "real",
        description="knowledge vectors: real, none, or of a degree-preserving shuffled graph",
    )
    protocol: str = Field("user-time", description="how interactions are split")
    protocol_parameters: dict[str, Any] = Field({}, description="parameters of the protocol")
    jobs: dict[str, dict[str, Any]] | None = Field(
        None,
        description="graph jobs and knowledge-graph embeddings, with parameters, beside those "
        "that the model asks for; default: knn for ranking, none for rating",
    )
    baselines: tuple[str, ...] | None = Field(
        None,
        description="models evaluated beside this one on the same split; default: most-popular "
        "and ease for ranking, bias for rating",
    )
    relevant: float | None = Field(
        None,
        description="only test items rated so and more are right answers; default: every item",
    )
    seed: int = Field(42, ge=0, description="seed of training and of bootstrap intervals")
    n: int = Field(
        STORED,
        ge=1,
        le=MOST_STORED,
        description=f"recommendations and attended items per user, at most {MOST_STORED}",
    )
    evidence: int = Field(5, ge=1, description="evidence items per recommendation")
    epochs: int | None = Field(None, ge=1, description="epochs; default: chosen on valid")
    refit_of: str | None = Field(
        None, description="run whose chosen epochs a refit on all data uses"
    )

    def check(self) -> None:
        """Refuse what cannot be run, before anything is done.

        :raises SettingsError: for an unknown model, an unknown or unfit option of it, or a task
            that it is not for.
        :raises InputError: for a protocol that does not exist, or that is not for this task.
        """
        self.model_options()
        self.recorded_protocol().rules.check_task(self.about)
        if self.relevant is not None and self.about == "rating":
            raise InputError(
                "what is relevant is asked of rankings; ratings are predicted for every test row",
                "Leave out --relevant.",
            )

    @property
    def about(self) -> Task:
        """The run's task: evaluation, write-back and pointer follow from it.

        :raises SettingsError: when the model is not for the task that is asked for.
        """
        tasks = self.model_class().tasks()
        if self.task is not None and self.task not in tasks:
            raise SettingsError(
                f"model '{self.model}' is not for {self.task}", f"It is for: {', '.join(tasks)}"
            )
        return self.task or tasks[0]

    @property
    def graph_jobs(self) -> dict[str, dict[str, Any]]:
        """Jobs beside those that the model asks for, with parameters."""
        if self.jobs is not None:
            return self.jobs
        return {"knn": {}} if self.about == "ranking" else {}

    @property
    def compared(self) -> tuple[str, ...]:
        """Models evaluated beside this one."""
        return _BASELINES[self.about] if self.baselines is None else self.baselines

    def resolved(self) -> RunConfig:
        """With the defaults of task and model filled in, as it is recorded."""
        return self.model_copy(
            update={
                "task": self.about,
                "options": self.model_options().model_dump(mode="json"),
                "jobs": self.graph_jobs,
                "baselines": self.compared,
            }
        )

    def bound_protocol(self) -> Protocol:
        """The protocol with checked parameters.

        :raises InputError: for an unknown protocol or parameter, or a value that does not fit.
        """
        return bound(self.protocol, self.protocol_parameters, manager.protocols())

    def recorded_protocol(self) -> Protocol:
        """The protocol whose split is there: its parameters are not checked again.

        :raises InputError: for an unknown protocol.
        """
        return protocol_named(self.protocol, manager.protocols())(self.protocol_parameters)

    def model_class(self) -> type[Model]:
        """:raises SettingsError: when no plugin registers this model."""
        models = manager.models()
        if self.model not in models:
            raise SettingsError(
                f"there is no model '{self.model}'", f"Models: {', '.join(sorted(models))}"
            )
        return models[self.model]

    def model_options(self) -> ModelConfig:
        """The model's checked configuration.

        :raises SettingsError: for an unknown or unfit option.
        """
        cls = self.model_class()
        fields = cls.config_class.model_fields
        try:
            return cls.config_class(**self.options)
        except ValidationError as error:
            first = first_problem(error)
            raise SettingsError(
                f"option {first.key} of model '{self.model}': {first.message}",
                f"Options: {', '.join(fields)}",
            ) from None

    def needs(self) -> tuple[Need[Any], ...]:
        """What the model asks for beside the interactions."""
        return tuple(self.model_class().needs(self.model_options()))
