"""Reads of the top floor: figures, the rows behind them, and what is due."""
