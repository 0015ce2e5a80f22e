"""The commands of `kashu`, by what they are about."""
