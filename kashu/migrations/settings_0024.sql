-- When a buyer asked that nothing be kept of them: see channels/personal.py.
ALTER TABLE channels.shop_orders ADD COLUMN buyer_erased_at TIMESTAMP WITH TIME ZONE;
