"""One CMAF package with DASH and HLS over it, and its verification."""
