from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Data that people write: unknown keys and silent conversions are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
