"""The pages of partners: how each stands, its entry as a form, what is given to a new one. They decide nothing."""
