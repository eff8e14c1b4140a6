"""A Beam pipeline that loads a model into Datastore, or deletes old models from it."""
