-- The health of every kind of aim.eai.amd.com in Argo CD, by the rules of docs/operations.md ("GitOps").

local settings = {
  AIMRuntimeConfig = true,
  AIMClusterRuntimeConfig = true,
  AIMClusterModelSource = true,
}

-- Words of status.status. NotAvailable waits for something from outside: a node with the GPU.
local words = {
  Running = "Healthy",
  Ready = "Healthy",
  Failed = "Degraded",
  Degraded = "Degraded",
  NotAvailable = "Suspended",
}

local status = obj.status or {}

local function condition(type)
  for _, each in ipairs(status.conditions or {}) do
    if each.type == type then
      return each
    end
  end
  return {}
end

local function health(word, message)
  return { status = word, message = message }
end

if condition("Paused").status == "True" then
  return health("Suspended", condition("Paused").message)
end
local ready = condition("Ready")
-- Settings have no word of their own: Ready says whether they are right.
local word = status.status
if word == nil and settings[obj.kind] then
  if ready.status == nil then
    return health("Healthy", "Settings have no health of their own")
  end
  word = ready.status == "True" and "Ready" or "Failed"
end
if word == nil then
  return health("Progressing", "The operator has not looked at it yet")
end
if status.observedGeneration ~= nil and status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "The last edit has not been acted on yet")
end
return health(words[word] or "Progressing", ready.message or word)
