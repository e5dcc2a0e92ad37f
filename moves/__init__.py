"""What the door stands on: `workflow` is the way in for whoever moves a request."""
