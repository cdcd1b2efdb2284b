"""The statuses in a paste, in every form: tables, BIRD's answers, objects in JSON and YAML."""
