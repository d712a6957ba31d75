"""A DingTalk for a laptop. Shares no code with the robot; reached only over HTTP and WebSocket."""
