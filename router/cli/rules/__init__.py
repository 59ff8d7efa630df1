"""The verb that makes a rule of an override. It puts nothing in force: `policy publish` does."""
