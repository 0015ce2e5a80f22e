"""The exception desk 异常台: what waits for a person, who is on it, what is next; and search."""
