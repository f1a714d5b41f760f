"""What operators run: processes under one supervisor, doctor, demo, synthetic viewer."""
