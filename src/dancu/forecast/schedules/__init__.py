"""Schedules by single years of age, made of few numbers."""
