/** The metrics that were agreed upon, each in the way a row of docs/metrics.md names it; until that page is there. */
export const agreedMetrics = `
| \`isotherm_journal_records_total\` | | \`isotherm_journal_sync_seconds\` |
| \`isotherm_journal_waiting_records\` | | \`isotherm_journal_waiting_bytes\` |
| \`isotherm_journal_state\` | state |
| \`isotherm_gateway_connections\` | | \`isotherm_gateway_clock_ahead_seconds\` |
| \`isotherm_gateway_refusals_total\` | reason |
| \`isotherm_certificate_expires_timestamp_seconds\` | | \`isotherm_certificate_usable\` |
| \`isotherm_core_connected\` | | \`isotherm_balance_mismatches\` |
| \`isotherm_consumer_position\` | consumer | \`isotherm_consumer_behind\` | \`isotherm_consumer_oldest_age_seconds\` |
| \`isotherm_balance_messages\` | part |
| \`isotherm_held_readings\` | reason |
| \`isotherm_influx_up\` | | \`isotherm_influx_held_points\` | \`isotherm_influx_count_difference\` |
| \`isotherm_influx_points_total\` | verdict | \`isotherm_influx_failures_total\` |
| \`isotherm_judge_points_waiting\` | | \`isotherm_judge_seconds\` | \`isotherm_judge_rejudged_points_total\` |
| \`isotherm_findings_open\` | kind |
| \`isotherm_incidents\` | state | \`isotherm_messages\` |
| \`isotherm_incidents_without_recipients\` | | \`isotherm_outbox_oldest_age_seconds\` |
| \`isotherm_live_clients\` | | \`isotherm_live_dropped_total\` |
| \`isotherm_store_bytes\` | store |
| \`isotherm_disk_free_bytes\` | | \`isotherm_disk_size_bytes\` | \`isotherm_disk_reserve_bytes\` |
| \`isotherm_event_loop_delay_seconds\` | thread, quantile |
| \`isotherm_clock_synchronised\` | | \`isotherm_clock_steps_total\` |
| \`isotherm_thread_restarts_total\` | thread |
| \`isotherm_audit_trouble\` | | \`isotherm_sensors_at_fault\` |
| \`isotherm_build_info\` | version |
`
