-- Takes up to ARGV[3] of the ARGV[1] requests that a caller may make in ARGV[2] microseconds (GCRA).
-- KEYS[1] holds the instant at which all of them are there again, in microseconds by the clock of this server.
-- Returns how many were taken, how many are left, and microseconds until there is one again if none was.
local most, window, want = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local step = window / most

local held = redis.pcall('GET', KEYS[1])
if type(held) == 'table' then -- of another type: not written by this script
  redis.call('DEL', KEYS[1])
  held = false
end
local full = tonumber(held) or now
local far = full > now + window
if full ~= full or full < now then
  full = now
elseif far then -- the clock went back, or somebody wrote nonsense: never longer than a window
  full = now + window
end

local free = math.floor((now + window - full) / step + 0.000001)
local taken = math.min(want, free)
full = full + taken * step
if taken > 0 or far then
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.max(1, math.ceil((full - now) / 1000)))
end
return {taken, free - taken, taken > 0 and 0 or math.max(1, math.ceil(full + step - now - window))}
