"""Where orders come from: stores on channels."""
