{
  "targets": [
    {
      "target_name": "liteav_rtcroom",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake",
          "message": "native/CMakeLists.txt by cmake-js",
          "inputs": ["scripts/buildNative.mjs", "native/CMakeLists.txt"],
          "outputs": ["<(PRODUCT_DIR)/liteav_rtcroom.node"],
          "action": ["node", "scripts/buildNative.mjs", "--output", "<(PRODUCT_DIR)/liteav_rtcroom.node"]
        }
      ]
    }
  ]
}
