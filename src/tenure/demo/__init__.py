"""The walk: one step per sentence of the two documents that started Tenure, shown through public commands on a virtual clock."""
