"""Ports with paired adapters. The only place where drivers are imported."""
