"""The client kit: what an agent, a plugin or a command needs to speak to Tenure's service, and to show a person what leaves before it does."""
