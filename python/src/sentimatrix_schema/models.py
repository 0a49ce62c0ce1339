"""A model for each collection. It accepts the same documents as the validator.

Generated from the migrations by `schema export` and `npm run snapshot`. Do not edit.
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import MISSING, Field

from . import values as _v
from .documents import Document


class ApiKeyFields(Document):
    """api_keys"""

    user_id: _v.Id
    provider: Annotated[Literal["anthropic", "apify", "brightdata", "cohere", "google", "groq", "mistral", "openai", "openrouter", "scraperapi"], _v.Choice()]
    label: Annotated[str, _v.Text(min_length=1, max_length=100)] | MISSING = MISSING
    encrypted_key: Annotated[str, _v.Text(min_length=1, max_length=4096)]
    key_hint: Annotated[str, _v.Text(min_length=1, max_length=8)] | MISSING = Field(default=MISSING, description="The last characters, for people")
    is_active: _v.Bool | MISSING = MISSING
    usage_count: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING
    last_used_at: _v.Date | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class ApiKey(ApiKeyFields):
    """api_keys, as stored"""

    id: _v.Id = Field(alias="_id")


class NewApiKey(ApiKeyFields):
    """api_keys, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class AuditLogFields(Document):
    """audit_logs"""

    user_id: _v.Id | None = Field(description="Null when nobody was signed in")
    event_type: Annotated[str, _v.Text(max_length=100, pattern="^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*\\Z")] = Field(description="Such as auth.login_failed")
    outcome: Annotated[Literal["success", "failure"], _v.Choice()] | MISSING = MISSING
    project_id: _v.Id | MISSING = MISSING
    details: _v.AnyObject | MISSING = MISSING
    ip_address: Annotated[str, _v.Text(max_length=45, pattern="^[0-9A-Fa-f:.]+\\Z")] | MISSING = MISSING
    user_agent: Annotated[str, _v.Text(max_length=512)] | MISSING = MISSING
    created_at: _v.Date


class AuditLog(AuditLogFields):
    """audit_logs, as stored"""

    id: _v.Id = Field(alias="_id")


class NewAuditLog(AuditLogFields):
    """audit_logs, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class PresetPace(Document):
    """presets.pace"""

    requests_per_minute: Annotated[int, _v.Whole(ge=1, le=600)]
    concurrency: Annotated[int, _v.Whole(ge=1, le=32)]


class PresetLlm(Document):
    """presets.llm"""

    tier: Annotated[Literal["local", "economy", "balanced", "premium"], _v.Choice()]
    provider: Annotated[Literal["anthropic", "cohere", "google", "groq", "mistral", "ollama", "openai", "openrouter"], _v.Choice()] | MISSING = MISSING
    model: Annotated[str, _v.Text(min_length=1, max_length=100)] | MISSING = MISSING
    temperature: Annotated[float, _v.Number(ge=0, le=2)] | MISSING = MISSING


class PresetAnalyses(Document):
    """presets.analyses"""

    sentiment: _v.Bool
    emotions: _v.Bool | MISSING = MISSING
    topics: _v.Bool | MISSING = MISSING
    aspects: _v.Bool | MISSING = MISSING
    summary: _v.Bool | MISSING = MISSING


class PresetLimits(Document):
    """presets.limits"""

    targets: Annotated[int, _v.Whole(ge=1, le=10000)]
    results_per_run: Annotated[int, _v.Whole(ge=1, le=100000)]
    runs_per_day: Annotated[int, _v.Whole(ge=1, le=1440)]


class PresetFields(Document):
    """presets"""

    user_id: _v.Id | None = Field(description="Null for the system's own presets")
    name: Annotated[str, _v.Text(min_length=1, max_length=100)]
    description: Annotated[str, _v.Text(max_length=2000)] | MISSING = MISSING
    price_class: Annotated[Literal["free", "low", "medium", "high", "custom"], _v.Choice()] | MISSING = MISSING
    sources: Annotated[list[Annotated[Literal["amazon", "app_store", "google_maps", "google_play", "imdb", "reddit", "steam", "tripadvisor", "trustpilot", "web", "yelp", "youtube"], _v.Choice()]], _v.Items(min_items=1, max_items=12, unique=True)]
    pace: PresetPace
    llm: PresetLlm
    analyses: PresetAnalyses
    limits: PresetLimits
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class Preset(PresetFields):
    """presets, as stored"""

    id: _v.Id = Field(alias="_id")


class NewPreset(PresetFields):
    """presets, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class ProjectConfigSchedule(Document):
    """projects.config.schedule"""

    enabled: _v.Bool
    frequency: Annotated[Literal["hourly", "daily", "weekly", "monthly", "cron"], _v.Choice()]
    cron: Annotated[str, _v.Text(max_length=100, pattern="^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}\\Z")] | MISSING = Field(default=MISSING, description="Five fields; read when the frequency is cron")
    next_run_at: _v.Date | MISSING = MISSING


class ProjectConfigPace(Document):
    """projects.config.pace"""

    requests_per_minute: Annotated[int, _v.Whole(ge=1, le=600)]
    concurrency: Annotated[int, _v.Whole(ge=1, le=32)]


class ProjectConfigLlm(Document):
    """projects.config.llm"""

    tier: Annotated[Literal["local", "economy", "balanced", "premium"], _v.Choice()]
    provider: Annotated[Literal["anthropic", "cohere", "google", "groq", "mistral", "ollama", "openai", "openrouter"], _v.Choice()] | MISSING = MISSING
    model: Annotated[str, _v.Text(min_length=1, max_length=100)] | MISSING = MISSING
    temperature: Annotated[float, _v.Number(ge=0, le=2)] | MISSING = MISSING


class ProjectConfigAnalyses(Document):
    """projects.config.analyses"""

    sentiment: _v.Bool
    emotions: _v.Bool | MISSING = MISSING
    topics: _v.Bool | MISSING = MISSING
    aspects: _v.Bool | MISSING = MISSING
    summary: _v.Bool | MISSING = MISSING


class ProjectConfigLimits(Document):
    """projects.config.limits"""

    targets: Annotated[int, _v.Whole(ge=1, le=10000)]
    results_per_run: Annotated[int, _v.Whole(ge=1, le=100000)]
    runs_per_day: Annotated[int, _v.Whole(ge=1, le=1440)]


class ProjectConfig(Document):
    """projects.config"""

    preset_id: _v.Id | MISSING = MISSING
    sources: Annotated[list[Annotated[Literal["amazon", "app_store", "google_maps", "google_play", "imdb", "reddit", "steam", "tripadvisor", "trustpilot", "web", "yelp", "youtube"], _v.Choice()]], _v.Items(min_items=1, max_items=12, unique=True)]
    schedule: ProjectConfigSchedule | MISSING = MISSING
    pace: ProjectConfigPace | MISSING = MISSING
    llm: ProjectConfigLlm | MISSING = MISSING
    analyses: ProjectConfigAnalyses | MISSING = MISSING
    limits: ProjectConfigLimits | MISSING = MISSING


class ProjectStats(Document):
    """projects.stats"""

    targets: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING
    results: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING
    jobs: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING
    average_sentiment: Annotated[float, _v.Number(ge=-1, le=1)] | MISSING = MISSING
    last_run_at: _v.Date | MISSING = MISSING


class ProjectFields(Document):
    """projects"""

    user_id: _v.Id
    name: Annotated[str, _v.Text(min_length=1, max_length=200)]
    description: Annotated[str, _v.Text(max_length=2000)] | MISSING = MISSING
    status: Annotated[Literal["draft", "active", "paused", "archived"], _v.Choice()]
    config: ProjectConfig
    stats: ProjectStats | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class Project(ProjectFields):
    """projects, as stored"""

    id: _v.Id = Field(alias="_id")


class NewProject(ProjectFields):
    """projects, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class RefreshTokenFields(Document):
    """refresh_tokens"""

    user_id: _v.Id
    token: Annotated[str, _v.Text(min_length=16, max_length=1024)]
    expires_at: _v.Date
    created_at: _v.Date
    revoked_at: _v.Date | MISSING = MISSING
    ip_address: Annotated[str, _v.Text(max_length=45, pattern="^[0-9A-Fa-f:.]+\\Z")] | MISSING = MISSING
    user_agent: Annotated[str, _v.Text(max_length=512)] | MISSING = MISSING


class RefreshToken(RefreshTokenFields):
    """refresh_tokens, as stored"""

    id: _v.Id = Field(alias="_id")


class NewRefreshToken(RefreshTokenFields):
    """refresh_tokens, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class ResultContent(Document):
    """results.content"""

    text: Annotated[str, _v.Text(min_length=1, max_length=20000)]
    title: Annotated[str, _v.Text(max_length=500)] | MISSING = MISSING
    author: Annotated[str, _v.Text(max_length=200)] | MISSING = MISSING
    date: _v.Date | MISSING = Field(default=MISSING, description="When it was written, as the platform says")
    rating: Annotated[float, _v.Number(ge=0, le=5)] | MISSING = Field(default=MISSING, description="Stars, on a scale of five")
    likes: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING
    url: Annotated[str, _v.Text(max_length=2048, pattern="^https?://[^ \\t\\r\\n]+\\Z")] | MISSING = MISSING
    external_id: Annotated[str, _v.Text(min_length=1, max_length=255)] | MISSING = MISSING
    language_code: Annotated[str, _v.Text(pattern="^[a-z]{2,3}(-[A-Za-z]{2,4})?\\Z")] | MISSING = MISSING


class ResultAnalysisSentiment(Document):
    """results.analysis.sentiment"""

    label: Annotated[Literal["positive", "neutral", "negative", "mixed"], _v.Choice()]
    score: Annotated[float, _v.Number(ge=-1, le=1)] = Field(description="From -1, all negative, to 1, all positive")
    confidence: Annotated[float, _v.Number(ge=0, le=1)] | MISSING = MISSING


class ResultAnalysisEmotions(Document):
    """results.analysis.emotions"""

    joy: Annotated[float, _v.Number(ge=0, le=1)] | MISSING = MISSING
    sadness: Annotated[float, _v.Number(ge=0, le=1)] | MISSING = MISSING
    anger: Annotated[float, _v.Number(ge=0, le=1)] | MISSING = MISSING
    fear: Annotated[float, _v.Number(ge=0, le=1)] | MISSING = MISSING
    surprise: Annotated[float, _v.Number(ge=0, le=1)] | MISSING = MISSING
    disgust: Annotated[float, _v.Number(ge=0, le=1)] | MISSING = MISSING


class ResultAnalysisAspectsItem(Document):
    """results.analysis.aspects[]"""

    name: Annotated[str, _v.Text(min_length=1, max_length=100)]
    label: Annotated[Literal["positive", "neutral", "negative", "mixed"], _v.Choice()]
    score: Annotated[float, _v.Number(ge=-1, le=1)] = Field(description="From -1, all negative, to 1, all positive")


class ResultAnalysis(Document):
    """results.analysis"""

    sentiment: ResultAnalysisSentiment
    emotions: ResultAnalysisEmotions | MISSING = MISSING
    topics: Annotated[list[Annotated[str, _v.Text(min_length=1, max_length=100)]], _v.Items(max_items=50)] | MISSING = MISSING
    aspects: Annotated[list[ResultAnalysisAspectsItem], _v.Items(max_items=50)] | MISSING = MISSING
    summary: Annotated[str, _v.Text(max_length=2000)] | MISSING = MISSING
    model: Annotated[str, _v.Text(min_length=1, max_length=100)] | MISSING = MISSING
    analyzed_at: _v.Date | MISSING = MISSING


class ResultFields(Document):
    """results"""

    project_id: _v.Id
    target_id: _v.Id
    user_id: _v.Id
    scrape_job_id: _v.Id | MISSING = Field(default=MISSING, description="Absent when the result was imported")
    platform: Annotated[Literal["amazon", "app_store", "google_maps", "google_play", "imdb", "reddit", "steam", "tripadvisor", "trustpilot", "web", "yelp", "youtube"], _v.Choice()]
    content: ResultContent
    analysis: ResultAnalysis | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class Result(ResultFields):
    """results, as stored"""

    id: _v.Id = Field(alias="_id")


class NewResult(ResultFields):
    """results, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class ScheduleFields(Document):
    """schedules"""

    project_id: _v.Id
    user_id: _v.Id
    enabled: _v.Bool
    frequency: Annotated[Literal["hourly", "daily", "weekly", "monthly", "cron"], _v.Choice()]
    cron: Annotated[str, _v.Text(max_length=100, pattern="^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}\\Z")] | MISSING = Field(default=MISSING, description="Five fields; read when the frequency is cron")
    timezone: Annotated[str, _v.Text(max_length=64, pattern="^[A-Za-z0-9_+/-]+\\Z")] | MISSING = MISSING
    next_run: _v.Date | MISSING = MISSING
    last_run: _v.Date | MISSING = MISSING
    last_job_id: _v.Id | MISSING = MISSING
    failures_in_a_row: Annotated[int, _v.Whole(ge=0, le=1000)] | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class Schedule(ScheduleFields):
    """schedules, as stored"""

    id: _v.Id = Field(alias="_id")


class NewSchedule(ScheduleFields):
    """schedules, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class ScrapeJobProgress(Document):
    """scrape_jobs.progress"""

    total: Annotated[int, _v.Whole(ge=0, le=9007199254740991)]
    done: Annotated[int, _v.Whole(ge=0, le=9007199254740991)]
    failed: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING


class ScrapeJobError(Document):
    """scrape_jobs.error"""

    code: Annotated[str, _v.Text(min_length=1, max_length=100)] | MISSING = MISSING
    message: Annotated[str, _v.Text(max_length=2000)]


class ScrapeJobFields(Document):
    """scrape_jobs"""

    project_id: _v.Id
    user_id: _v.Id
    target_ids: Annotated[list[_v.Id], _v.Items(max_items=10000)] | MISSING = MISSING
    status: Annotated[Literal["queued", "running", "completed", "failed", "cancelled"], _v.Choice()]
    trigger: Annotated[Literal["manual", "schedule", "api"], _v.Choice()] | MISSING = MISSING
    progress: ScrapeJobProgress | MISSING = MISSING
    results_count: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING
    error: ScrapeJobError | MISSING = MISSING
    started_at: _v.Date | MISSING = MISSING
    finished_at: _v.Date | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class ScrapeJob(ScrapeJobFields):
    """scrape_jobs, as stored"""

    id: _v.Id = Field(alias="_id")


class NewScrapeJob(ScrapeJobFields):
    """scrape_jobs, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class TargetLastError(Document):
    """targets.last_error"""

    message: Annotated[str, _v.Text(max_length=2000)]
    at: _v.Date


class TargetFields(Document):
    """targets"""

    project_id: _v.Id
    user_id: _v.Id
    url: Annotated[str, _v.Text(max_length=2048, pattern="^https?://[^ \\t\\r\\n]+\\Z")]
    platform: Annotated[Literal["amazon", "app_store", "google_maps", "google_play", "imdb", "reddit", "steam", "tripadvisor", "trustpilot", "web", "yelp", "youtube"], _v.Choice()]
    status: Annotated[Literal["pending", "active", "paused", "failed"], _v.Choice()]
    name: Annotated[str, _v.Text(min_length=1, max_length=200)] | MISSING = MISSING
    results_count: Annotated[int, _v.Whole(ge=0, le=9007199254740991)] | MISSING = MISSING
    last_scraped_at: _v.Date | MISSING = MISSING
    last_error: TargetLastError | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class Target(TargetFields):
    """targets, as stored"""

    id: _v.Id = Field(alias="_id")


class NewTarget(TargetFields):
    """targets, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class UserOauth(Document):
    """users.oauth"""

    google_id: Annotated[str, _v.Text(min_length=1, max_length=255)] | MISSING = MISSING
    github_id: Annotated[str, _v.Text(min_length=1, max_length=255)] | MISSING = MISSING


class UserFields(Document):
    """users"""

    email: Annotated[str, _v.Text(max_length=254, pattern="^[^@ \\t\\r\\n]+@[^@ \\t\\r\\n]+\\Z")]
    password_hash: Annotated[str, _v.Text(min_length=1, max_length=255)]
    name: Annotated[str, _v.Text(min_length=1, max_length=200)] | MISSING = MISSING
    role: Annotated[Literal["user", "admin"], _v.Choice()] | MISSING = MISSING
    is_active: _v.Bool | MISSING = MISSING
    email_verified: _v.Bool | MISSING = MISSING
    oauth: UserOauth | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING
    last_login_at: _v.Date | MISSING = MISSING


class User(UserFields):
    """users, as stored"""

    id: _v.Id = Field(alias="_id")


class NewUser(UserFields):
    """users, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class WebhookDeliveryFields(Document):
    """webhook_deliveries"""

    webhook_id: _v.Id
    user_id: _v.Id
    event: Annotated[Literal["job.completed", "job.failed", "result.created", "sentiment.dropped", "target.failed"], _v.Choice()]
    status: Annotated[Literal["pending", "retrying", "delivered", "failed"], _v.Choice()]
    attempts: Annotated[int, _v.Whole(ge=0, le=100)]
    payload: _v.AnyObject | MISSING = MISSING
    response_code: Annotated[int, _v.Whole(ge=100, le=599)] | MISSING = MISSING
    response_body: Annotated[str, _v.Text(max_length=10000)] | MISSING = MISSING
    duration_ms: Annotated[int, _v.Whole(ge=0, le=600000)] | MISSING = MISSING
    error: Annotated[str, _v.Text(max_length=2000)] | MISSING = MISSING
    next_attempt_at: _v.Date | MISSING = MISSING
    delivered_at: _v.Date | MISSING = MISSING
    created_at: _v.Date


class WebhookDelivery(WebhookDeliveryFields):
    """webhook_deliveries, as stored"""

    id: _v.Id = Field(alias="_id")


class NewWebhookDelivery(WebhookDeliveryFields):
    """webhook_deliveries, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


class WebhookFields(Document):
    """webhooks"""

    user_id: _v.Id
    project_id: _v.Id | MISSING = Field(default=MISSING, description="Absent when it hears of all the user's projects")
    name: Annotated[str, _v.Text(min_length=1, max_length=200)] | MISSING = MISSING
    url: Annotated[str, _v.Text(max_length=2048, pattern="^https?://[^ \\t\\r\\n]+\\Z")]
    events: Annotated[list[Annotated[Literal["job.completed", "job.failed", "result.created", "sentiment.dropped", "target.failed"], _v.Choice()]], _v.Items(min_items=1, max_items=5, unique=True)]
    enabled: _v.Bool
    secret: Annotated[str, _v.Text(min_length=16, max_length=256)] = Field(description="Signs what is sent")
    failures_in_a_row: Annotated[int, _v.Whole(ge=0, le=1000)] | MISSING = MISSING
    last_triggered_at: _v.Date | MISSING = MISSING
    created_at: _v.Date
    updated_at: _v.Date | MISSING = MISSING


class Webhook(WebhookFields):
    """webhooks, as stored"""

    id: _v.Id = Field(alias="_id")


class NewWebhook(WebhookFields):
    """webhooks, to insert: the driver adds an _id if it is missing"""

    id: _v.Id | MISSING = Field(default=MISSING, alias="_id")


MODELS: Final[Mapping[str, type[Document]]] = {
    "api_keys": ApiKey,
    "audit_logs": AuditLog,
    "presets": Preset,
    "projects": Project,
    "refresh_tokens": RefreshToken,
    "results": Result,
    "schedules": Schedule,
    "scrape_jobs": ScrapeJob,
    "targets": Target,
    "users": User,
    "webhook_deliveries": WebhookDelivery,
    "webhooks": Webhook,
}
"""Collection → its documents, as stored."""


NEW_MODELS: Final[Mapping[str, type[Document]]] = {
    "api_keys": NewApiKey,
    "audit_logs": NewAuditLog,
    "presets": NewPreset,
    "projects": NewProject,
    "refresh_tokens": NewRefreshToken,
    "results": NewResult,
    "schedules": NewSchedule,
    "scrape_jobs": NewScrapeJob,
    "targets": NewTarget,
    "users": NewUser,
    "webhook_deliveries": NewWebhookDelivery,
    "webhooks": NewWebhook,
}
"""Collection → its documents to insert: as stored, with or without an `_id`."""


MIGRATIONS: Final = (
    "20261123100000-collections.ts",
    "20261123100100-account_indexes.ts",
    "20261123100200-project_indexes.ts",
    "20261123100300-result_indexes.ts",
    "20261123100400-webhook_indexes.ts",
    "20261123100500-preset_indexes.ts",
    "20261123100600-ttls.ts",
    "20261123100700-account_validators.ts",
    "20261123100800-project_validators.ts",
    "20261123100900-result_validators.ts",
    "20261123101000-webhook_validators.ts",
    "20261123101100-preset_validators.ts",
    "20261123101200-system_presets.ts",
)
"""The names of the migrations that lead there, oldest first."""
