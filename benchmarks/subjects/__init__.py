"""What is measured beside the robot: the limit, and the bot that the SDK's manual would have you write."""
