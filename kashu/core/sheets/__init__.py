"""Sheets: read any table somebody sends us into rows of text, and write tables that stay exact."""
