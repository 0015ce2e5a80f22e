-- When a store's platform last told us something by itself: shows whether its pushes arrive.
ALTER TABLE channels.connections ADD COLUMN pushed_at timestamptz;
