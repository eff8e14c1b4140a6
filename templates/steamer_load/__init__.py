"""A Beam pipeline that loads a model into Datastore, or deletes the models that nothing needs any more."""
