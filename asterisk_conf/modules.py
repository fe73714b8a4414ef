"""The modules that Asterisk loads: no more than it needs to answer a parent's call (autoload is off)."""

MODULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Clock of playback", ("res_timing_timerfd",)),
    ("Configuration in files", ("res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb", "pbx_config")),
    ("Clips and tones: A-law as stored, mu-law for trunks that insist", ("format_pcm", "codec_alaw", "codec_ulaw")),
    ("Recordings of staff", ("format_wav", "app_record")),
    (
        "SIP",
        (
            "res_pjproject",
            "res_pjsip",
            "res_pjsip_session",
            "res_pjsip_pubsub",  # chan_pjsip needs it, though nobody may subscribe
            "res_pjsip_sdp_rtp",
            "res_pjsip_acl",
            "res_pjsip_endpoint_identifier_ip",
            "res_pjsip_authenticator_digest",  # strangers are challenged alike, whatever they ask for
            "res_pjsip_caller_id",  # P-Asserted-Identity and Privacy of the trunk
            "res_pjsip_header_funcs",  # the same as they came, for what Asterisk does not read
            "res_pjsip_nat",
            "res_pjsip_rfc3326",  # hangup causes in Reason headers
            "res_pjsip_dtmf_info",  # keys as SIP INFO from old GSM gateways
            "res_pjsip_outbound_authenticator_digest",
            "res_pjsip_outbound_registration",
            "chan_pjsip",
        ),
    ),
    ("Sound over the network", ("res_rtp_asterisk",)),
    ("Hand-over of a call to the dialogues", ("res_speech", "res_agi")),  # res_agi links to res_speech
    ("Applications", ("app_dtmfstore", "app_playback", "app_playtones", "app_read")),
    (
        "Functions",
        (
            "func_base64",
            "func_callerid",
            "func_channel",
            "func_groupcount",
            "func_lock",
            "func_logic",
            "func_rand",
            "func_strings",
            "func_talkdetect",
            "func_timeout",
        ),
    ),
)


def all_modules() -> tuple[str, ...]:
    """Names without `.so`, in the order of loading."""
    return tuple(name for _, names in MODULES for name in names)
