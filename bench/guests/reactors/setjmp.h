// Lua asks for this header, and with lua_config.h uses nothing of it.
