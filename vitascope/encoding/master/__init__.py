"""What is sent: inspected, judged, and refused in words where it is not fit."""
